"""Calls each of the eight, so that a smoke run proves that all of them were packed."""

import argparse


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="call each of the eight")
    if parser.parse_args().all:
        call_each()
    return 0


def call_each() -> None:
    import flask
    import httpx
    import matplotlib
    import pandas
    import rich
    import scipy.stats
    import sklearn.linear_model
    import sqlalchemy

    matplotlib.use("agg")
    table = pandas.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.0]})
    model = sklearn.linear_model.LinearRegression().fit(table[["x"]], table["y"])
    correlation = scipy.stats.pearsonr(table["x"], table["y"]).statistic
    one = sqlalchemy.create_engine("sqlite://").connect().execute(sqlalchemy.text("select 1")).scalar()
    rich.print(flask.Flask("eight").name, httpx.URL("http://localhost/").host, one)
    rich.print(round(float(model.coef_[0]), 3), round(float(correlation), 3))
