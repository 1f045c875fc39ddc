#!/bin/sh
# The whole road on the AwesomeShoes Co. session, headless: from raw transcripts to a verdict.
# STROP names the command; STROP_TRAIN adds settings of the training run, for a quick look:
#   STROP_TRAIN="--preset quick --cases 24" sh sample_data/road.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
bin="$here/../.venv/bin"
STROP=${STROP:-"$bin/strop"}
session=awesomeshoes-returns-and-fit
report=${STROP_REPORT:-"${STROP_HOME:-.}/$session.md"}

step() { printf '\n== %s\n' "$1"; shift; "$@" || exit $?; }

step "1 Scope: the sample session, its rules and raw data" $STROP demo --headless
step "2 Curate: the data checks" $STROP check $session
step "2 Curate: a curator's decisions" \
  $STROP decide $session --from "$here/awesomeshoes/decisions.jsonl"
step "2 Curate: split, held-out set sealed" $STROP split $session
step "1 Scope: frozen before training" $STROP scope freeze $session
# shellcheck disable=SC2086
step "3 Train: base answers, adapter, tuned answers" $STROP train $session --watch ${STROP_TRAIN:-}
step "4 Compare: what was fixed, what was broken" $STROP compare $session
printf '\n== 5 Verdict\n'
$STROP verdict $session
verdict=$?
step "5 Verdict: the report" $STROP report $session -o "$report"
exit $verdict
