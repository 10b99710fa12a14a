"""Copies files into a bucket, a few at a time."""
