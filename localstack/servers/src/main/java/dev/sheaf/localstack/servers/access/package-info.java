/**
 * Who may use the servers of a stack: programs on this machine that know what the stack drew at its
 * start. Neither web pages that a browser on this machine shows, nor other users, know it.
 */
@NullMarked
package dev.sheaf.localstack.servers.access;

import org.jspecify.annotations.NullMarked;
