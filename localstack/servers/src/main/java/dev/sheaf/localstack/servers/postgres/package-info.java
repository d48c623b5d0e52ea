/**
 * A real Postgres as a child process: the binaries come from Maven Central, {@link PostgresServer}
 * starts them for the time of a test, or on a folder that is kept.
 */
@NullMarked
package dev.sheaf.localstack.servers.postgres;

import org.jspecify.annotations.NullMarked;
