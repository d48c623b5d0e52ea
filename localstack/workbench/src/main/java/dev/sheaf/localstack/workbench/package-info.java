/**
 * The program behind {@code localstack/demo}, {@code localstack/bench} and {@code
 * localstack/invoke}. It has what the command line must not have: local servers, Postgres, and the
 * functions themselves.
 */
@NullMarked
package dev.sheaf.localstack.workbench;

import org.jspecify.annotations.NullMarked;
