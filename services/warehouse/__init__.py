"""Warehouse 仓库: what is at the gate, what is in stock, and what may leave the house."""
