package dev.sheaf.cli.push;

import dev.sheaf.cli.bundling.BundleSettings;
import dev.sheaf.cli.git.RefList;

/**
 * How to push.
 *
 * @param selection which refs
 * @param force whether branches and tags may move to what does not build on their present place
 * @param awaitIndex whether to wait until the server has indexed everything
 * @param settings how bundles are written
 */
public record PushOptions(
    RefList.Selection selection, boolean force, boolean awaitIndex, BundleSettings settings) {}
