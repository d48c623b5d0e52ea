/**
 * The log system of a deployed function: messages to standard output, one line each, which is what
 * Lambda keeps. Small because a cold start pays for every class that it loads.
 */
@NullMarked
package dev.sheaf.logging;

import org.jspecify.annotations.NullMarked;
