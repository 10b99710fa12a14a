import argparse

from greeter.greeting import greet


def main(argv=None):
    parser = argparse.ArgumentParser(prog="greeter", description="Greet each guest.")
    parser.add_argument("guests", nargs="+", metavar="NAME", help="who is to be greeted")
    options = parser.parse_args(argv)

    for place, name in enumerate(options.guests, start=1):
        print(greet(name, place, len(options.guests)))
    return 0
