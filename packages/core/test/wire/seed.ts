import fc from 'fast-check';

/** Where the property tests begin: always the same, so that they fail everywhere or nowhere. */
export const seed = Number(process.env.CODE_MODE_SEED ?? 20_261_121);

fc.configureGlobal({ seed });
console.log(`Property tests with CODE_MODE_SEED=${seed}`);
