"""Tests of the statistics, each against published figures or an independent count."""
