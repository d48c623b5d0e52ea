package dev.sheaf.cli.receive;

import java.util.Map;

/**
 * How to clone.
 *
 * @param bare whether to make a repository without a work tree
 * @param onePack whether to ask the server for one pack instead of those that it keeps
 * @param variables the environment of this process, for git
 */
public record CloneOptions(boolean bare, boolean onePack, Map<String, String> variables) {}
