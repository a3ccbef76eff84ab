import { beforeAll, expect, test } from 'vitest';
import { findPython } from '../../../src/executors/subprocess/find-python.ts';
import { Session } from '../../../src/session.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import { libraries, libraryEnvironment } from '../../library-environment.ts';
import { resultOf } from './stores.ts';

let canInstall = false;
beforeAll(async () => {
  canInstall = (await libraryEnvironment(await findPython())) !== undefined;
}, 600_000);

test('91: a DataFrame, an array, a figure and a picture come back in another session', async ({ skip }) => {
  if (!canInstall) return skip('the package index cannot be reached');
  const storage = new MemoryStorage();
  await using first = new Session({ storage });
  await first.deps.add(libraries);
  const saving = await first.run(`
import matplotlib.pyplot as plt, numpy as np, pandas as pd
from PIL import Image
frame = pd.DataFrame({"day": pd.to_datetime(["2026-01-01", "2026-01-02"]), "price": [1.5, None], "name": ["a", "ü"]}, index=["x", "y"])
artifacts.save("frame", frame)
artifacts.save("array", np.arange(6, dtype="<f4").reshape(2, 3))
artifacts.save("picture", Image.new("RGB", (3, 2), (255, 0, 0)))
figure, axes = plt.subplots()
axes.plot([1, 2])
artifacts.save("figure", figure)
plt.close("all")
[artifacts.get(name).type for name in ("frame", "array", "picture", "figure")]`);
  expect(resultOf(saving)).toEqual(['dataframe', 'ndarray', 'image', 'figure']);
  await using second = new Session({ storage });
  const loading = await second.run(`
import pandas as pd
frame, array, picture, figure = (artifacts.load(name) for name in ("frame", "array", "picture", "figure"))
expected = pd.DataFrame({"day": pd.to_datetime(["2026-01-01", "2026-01-02"]), "price": [1.5, None], "name": ["a", "ü"]}, index=["x", "y"])
pd.testing.assert_frame_equal(frame, expected)
[array.tolist(), str(array.dtype), picture.size, picture.getpixel((2, 1)), figure.size[0] > 100]`);
  expect(resultOf(loading)).toEqual([
    [
      [0, 1, 2],
      [3, 4, 5],
    ],
    'float32',
    [3, 2],
    [255, 0, 0],
    true,
  ]);
});

test('a table, a figure and a picture are shown as such', async ({ skip }) => {
  if (!canInstall) return skip('the package index cannot be reached');
  await using session = new Session();
  await session.deps.add(libraries);
  const { status, displays } = await session.run(`
import matplotlib.pyplot as plt, pandas as pd
from PIL import Image
plt.plot([1, 2])
plt.show()
display(Image.new("L", (2, 2)))
pd.DataFrame({"n": [1, 2]})`);
  expect(status).toBe('completed');
  expect(displays.map(({ data }) => Object.keys(data).sort())).toEqual([
    ['image/png', 'text/plain'],
    ['image/jpeg', 'image/png', 'text/plain'],
    ['text/html', 'text/plain'],
  ]);
});
