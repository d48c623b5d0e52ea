/**
 * Many values in one: arrays, ids and packed rows as parameters and results of a statement. The
 * Data API takes 4 MB a statement, gives 1 MB a result and 64 kB a row; a statement a value would
 * be thousands of round trips.
 *
 * <pre>
 *   up     PgArray, IdBlob and BlobColumn: parameters that SQL unnests
 *   down   PackedRows reads many short rows in few wide ones, WideRead values of any length
 *   kept   Packed is the form of encoded columns
 * </pre>
 */
@NullMarked
package dev.sheaf.repository.column;

import org.jspecify.annotations.NullMarked;
