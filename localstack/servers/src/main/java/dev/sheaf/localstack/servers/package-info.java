/**
 * The services of AWS that Sheaf uses, each as a server on the loopback interface: S3, SQS, and
 * Postgres behind the RDS Data API. {@link LocalServers} starts them; it knows nothing of Sheaf's
 * functions, so that the libraries' own tests stand on it too.
 */
@NullMarked
package dev.sheaf.localstack.servers;

import org.jspecify.annotations.NullMarked;
