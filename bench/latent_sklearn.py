"""One timed DBSCAN of scikit-learn for bench/latent.R: latent_sklearn.py FILE.npy EPS MINPTS.

Prints seconds, seconds of CPU, clusters, noise. Reading the file and importing are not timed.
"""
import sys
import time

import numpy as np
from sklearn.cluster import DBSCAN

z = np.load(sys.argv[1])
start = time.perf_counter()
cpu = time.process_time()
labels = DBSCAN(eps=float(sys.argv[2]), min_samples=int(sys.argv[3]), n_jobs=1).fit(z).labels_
seconds = time.perf_counter() - start
print(seconds, time.process_time() - cpu, labels.max() + 1, (labels == -1).sum())
