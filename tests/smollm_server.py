"""Serves SmolLM2-135M-Instruct on 127.0.0.1 and prints the address; ends when its standard input is closed."""

from __future__ import annotations

import sys

import xllamacpp

THREADS = 2

if __name__ == "__main__":
    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.n_ctx = 8192
    params.n_parallel = 2
    params.cpuparams.n_threads = THREADS
    params.cpuparams_batch.n_threads = THREADS
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()
