package dev.sheaf.cli.send;

import java.util.List;

/**
 * How to push.
 *
 * @param branches short or full names of the only branches to push; empty: every ref
 * @param force whether refs may move to what does not build on their present place
 * @param prune whether refs are deleted that are on the server and not here
 * @param deleted short or full names of refs to delete on the server; nothing else is pushed then
 * @param awaitProof whether to wait until the server has proven everything
 */
public record PushOptions(
    List<String> branches,
    boolean force,
    boolean prune,
    List<String> deleted,
    boolean awaitProof) {}
