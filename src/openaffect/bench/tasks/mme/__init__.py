"""The rooms behind `openaffect.bench.tasks.mme_emotion`: tasks, the two readings of a judge's reply, the scores."""
