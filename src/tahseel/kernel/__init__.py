"""The alphabet: values and mechanisms that every slice is written in. Imports nothing of ours."""
