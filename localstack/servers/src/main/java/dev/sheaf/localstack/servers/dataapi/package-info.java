/**
 * The RDS Data API over JDBC, as Aurora Postgres answers it: the same requests, errors and limits.
 * {@link DataApiServer} starts it.
 */
@NullMarked
package dev.sheaf.localstack.servers.dataapi;

import org.jspecify.annotations.NullMarked;
