from greeter.greeting import greet


def test_names_the_place_in_the_queue():
    assert greet("Ada", 2, 3) == "Hello Ada, you are the 2nd of 3."
