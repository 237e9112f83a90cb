"""Simulated contests with known truth, and what the rankings make of them. All of it is 演示数据."""
