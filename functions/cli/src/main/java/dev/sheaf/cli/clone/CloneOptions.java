package dev.sheaf.cli.clone;

import java.util.Map;

/**
 * How to clone.
 *
 * @param bare whether to make a repository without a work tree
 * @param viaFetch whether to ask the server for one prepared bundle instead of the stored ones
 * @param threads how many threads decode and compress
 * @param variables the environment of this process, for git
 */
public record CloneOptions(
    boolean bare, boolean viaFetch, int threads, Map<String, String> variables) {}
