# %% [markdown]
# # A first look at a case
#
# Who appears in the footage, where and when. `make demo` makes the case that is read here; any other does: `CASE=folder`.

# %%
import os

import crossface
import pandas

pandas.set_option("display.width", 140)
pandas.set_option("display.max_columns", 20)
case = crossface.open(os.environ.get("CASE", "demo-case"))
people = case.people()
print(people[["person", "tracks", "faces", "sources", "screen_ms"]].head(10).to_string(index=False))

# %% [markdown]
# ## When is somebody on?
# A track is one stretch of time that a face is seen without a break. `portrait` is its best picture, in the case folder.

# %%
appearances = case.appearances()
whom = people.person.iloc[0]
theirs = appearances[appearances.person == whom]
print(f"{whom} is on {len(theirs)} times:")
print(theirs[["source", "track", "start_ms", "end_ms", "confidence"]].head(5).to_string(index=False))

# %% [markdown]
# ## Who is on together?
# Seconds that two people are on the screen at once.

# %%
pairs = appearances.dropna(subset="person").merge(appearances.dropna(subset="person"), on="source", suffixes=("", "_other"))
pairs = pairs[pairs.person < pairs.person_other]
shared = pairs[["end_ms", "end_ms_other"]].min(axis=1) - pairs[["start_ms", "start_ms_other"]].max(axis=1)
together = (shared.clip(lower=0) / 1000).groupby([pairs.person, pairs.person_other]).sum()
print(together[together > 0].sort_values(ascending=False).head(5).to_string())

# %% [markdown]
# ## Who belongs to nobody, and why?

# %%
print(appearances[appearances.person_id == 0].groupby("reason").size().to_string())

# %% [markdown]
# ## Who is on this picture?
# A face out of the footage itself, so the first hit has to be the one that it was taken from.

# %%
faces = case.faces()
best = faces[faces.person == whom].sort_values("quality").iloc[-1]
hits = case.search(os.path.join(case.folder, best.image), face=1, limit=5)
print(hits[["rank", "likely", "person", "log10_likelihood_ratio", "source", "track"]].to_string(index=False))
