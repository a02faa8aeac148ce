"""The ground floor: types and rules every room shares. Imports nothing of ours."""
