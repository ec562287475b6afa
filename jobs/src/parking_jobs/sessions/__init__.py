"""The session job: camera events in, parking sessions out.

``decode`` → ``fold`` → ``encode`` are pure functions over Arrow tables, ``clock`` says what time it is for the
fold, ``shard`` puts the four together; ``spark`` only drives them.
"""
