"""Seconds from a list of questions to clusters of near duplicates (character 5-grams, J >= 0.8).

Ours also finds and confirms the pairs between 0.7 and 0.8, as `strop check` does. The peer is
datasketch's MinHashLSH with the banding that we would take for 0.8 alone, in an environment made
for this run; its pairs stay unconfirmed, which saves it that time. Recall is measured on
every pair of a sample of the questions with all the others, found by exact counting.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np

from benchmarks.figures import report
from benchmarks.support_questions import draw
from engine.curation.duplicates import join, similar_pairs
from engine.curation.shingles import sets
from engine.curation.text import normalise

GOAL = 10.0
BANDS, ROWS = 10, 5
"""Recall of 0.98 at a Jaccard of exactly 0.8: less would fall behind ours."""
PEER = f"""
import json, re, sys, time
from datasketch import MinHash, MinHashLSH
sys.path.insert(0, {str(Path(__file__).resolve().parents[1])!r})
gaps = re.compile(r"[\\W_]+")
def cluster(texts):
    texts = [gaps.sub(" ", t.lower()).strip() for t in texts]
    grams = ([t[i : i + 5].encode() for i in range(max(1, len(t) - 4))] for t in texts)
    hashes = MinHash.bulk(grams, num_perm={BANDS * ROWS})
    lsh = MinHashLSH(num_perm={BANDS * ROWS}, params=({BANDS}, {ROWS}))
    with lsh.insertion_session() as session:
        for i, m in enumerate(hashes):
            session.insert(i, m, check_duplication=False)
    pairs = [(i, j) for i, m in enumerate(hashes) for j in lsh.query(m) if i < j]
    parent = list(range(len(texts)))
    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i
    for i, j in pairs:
        low, high = sorted((root(i), root(j)))
        parent[high] = low
    return pairs, [root(i) for i in range(len(texts))]
texts = json.load(open(sys.argv[1]))
cluster(texts[:1000])
started = time.perf_counter()
pairs, _ = cluster(texts)
json.dump([time.perf_counter() - started, pairs], open(sys.argv[2], "w"))
"""


def find_ours(texts: list[str]) -> tuple[float, set[tuple[int, int]]]:
    """Seconds, and the pairs with a Jaccard of 0.8 and more."""
    _cluster(texts[:1000])
    started = time.perf_counter()
    found = _cluster(texts)
    return time.perf_counter() - started, found


def _cluster(texts: list[str]) -> set[tuple[int, int]]:
    pairs = similar_pairs([normalise(text) for text in texts])
    near = {(p.first, p.second) for p in pairs if p.jaccard >= 0.8}
    join(len(texts), [i for i, _ in near], [j for _, j in near])
    return near


def find_peers(texts: list[str], python: str, folder: Path) -> tuple[float, set[tuple[int, int]]]:
    """The same of the peer, in a process of its own."""
    given, answer = folder / "texts.json", folder / "pairs.json"
    given.write_text(json.dumps(texts))
    subprocess.run([python, "-c", PEER, given, answer], check=True)
    seconds, pairs = json.loads(answer.read_text())
    return seconds, {(i, j) for i, j in pairs}


def find_true(texts: list[str], sample: int) -> tuple[set[int], set[tuple[int, int]]]:
    """Some of the texts, and all their pairs with any text that reach 0.8."""
    chosen = np.random.default_rng(11).permutation(len(texts))[:sample]
    every = sets([normalise(text) for text in texts])
    sizes = np.diff(every.indptr)
    columns, every.indices = np.unique(every.indices, return_inverse=True)
    every = type(every)((every.data, every.indices, every.indptr), shape=(len(texts), len(columns)))
    turned = every.T.tocsr()
    true: set[tuple[int, int]] = set()
    for at in range(0, len(chosen), 200):
        some = chosen[at : at + 200]
        shared = (every[some] @ turned).tocoo()
        rows, others = some[shared.coords[0]], shared.coords[1]
        jaccard = shared.data / (sizes[rows] + sizes[others] - shared.data)
        kept = (jaccard >= 0.8) & (rows != others)
        pairs = np.sort(np.stack((rows[kept], others[kept]), axis=1), axis=1)
        true |= {(int(i), int(j)) for i, j in pairs}
    return set(chosen.tolist()), true


def say(
    name: str, found: set[tuple[int, int]], chosen: set[int], true: set[tuple[int, int]]
) -> None:
    """Print recall and precision on the pairs of the sample."""
    told = {pair for pair in found if pair[0] in chosen or pair[1] in chosen}
    met = len(told & true)
    print(f"{name}: recall {met / len(true):.4f}, precision {met / max(1, len(told)):.4f}")


def main() -> None:
    """Take turns on the same questions, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    # Equal questions would be trivial pairs.
    texts = list({normalise(t): t for t in draw(rows + rows // 5, seed=29)}.values())[:rows]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "peer", with_pip=True)
        python = str(folder / "peer" / "bin" / "python")
        install = [python, "-m", "pip", "install", "-q", "datasketch==2.0.0"]
        subprocess.run(install, check=True, stdout=sys.stderr)
        ours, found = find_ours(texts)
        peer, candidates = find_peers(texts, python, folder)
    chosen, true = find_true(texts, min(len(texts), 2000))
    print(f"{len(texts)} questions; {len(true)} true pairs of {len(chosen)} of them")
    say("strop", found, chosen, true)
    say("datasketch", candidates, chosen, true)
    report("near_duplicates", ours, peer, GOAL, "s")


if __name__ == "__main__":
    main()
