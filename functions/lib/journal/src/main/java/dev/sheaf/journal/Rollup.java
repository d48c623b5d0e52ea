package dev.sheaf.journal;

import dev.sheaf.journal.json.JsonObject;

/**
 * A rollup as it was read or written: one unit, replaced as a whole.
 *
 * @param size length of its body in bytes
 */
record Rollup(String etag, Mark mark, JsonObject state, long size) {}
