"""Other engines of FEEL, each asked for the same expression.

They want other releases of the libraries that this project uses, so that `make bench` installs them apart
(`requirements-bench.txt` and the lock file here) and a child process measures them and prints what it found.
"""
