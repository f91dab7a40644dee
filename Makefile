# Short names for the commands in README.md; nothing else stands here.
.PHONY: app test lint report ci

app:
	pip install -r requirements.txt && streamlit run app.py

test:
	pip install -r requirements.txt && pytest

lint:
	ruff format --check . && ruff check . && mypy --strict audit

report:
	python -m audit run --real sample_data/real.csv --synthetic sample_data/synthetic_good.csv --holdout sample_data/holdout.csv --schema sample_data/schema.json --out report

ci:
	.ci/run
