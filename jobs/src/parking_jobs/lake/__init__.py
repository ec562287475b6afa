"""The lake: what vehicles of the road report, and the lot's sessions, in Iceberg tables.

``tables`` says what there is, ``decode`` turns records into rows, ``commit`` writes a micro-batch, ``upkeep`` keeps
files few. Only ``spark``, ``commit``, ``offsets`` and ``upkeep`` know Spark.
"""
