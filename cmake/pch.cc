// Exists so that headers that many files share are precompiled once.
