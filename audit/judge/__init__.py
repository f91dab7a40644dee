"""From numbers to grades, findings and a verdict: policies, the judge, the findings."""
