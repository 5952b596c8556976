// Exists so that the headers that modules share are precompiled once.
