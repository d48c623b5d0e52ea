/**
 * JSON as the journal needs it: exact to the byte, in both directions.
 *
 * <p>Replicas in other languages share the bucket, and texts are compared, sorted and used as map
 * keys. So numbers keep the text they were read with, members are ordered by their UTF-8 bytes,
 * {@code <}, {@code >} and {@code &} are always escaped, and the reader refuses what the format
 * does not allow. The rules are those of Go's {@code encoding/json}.
 *
 * <p>{@link dev.sheaf.journal.json.Json} is a value, {@link dev.sheaf.journal.json.JsonReader} and
 * {@link dev.sheaf.journal.json.JsonWriter} turn it from and to bytes.
 */
@NullMarked
package dev.sheaf.journal.json;

import org.jspecify.annotations.NullMarked;
