/**
 * The main job from end to end in one process: {@link
 * dev.sheaf.localstack.workbench.demo.DemoCommand} starts a whole site, pushes a git repository,
 * clones it back both ways and compares everything; then the same history goes through as a muse
 * bundle, whose files are compared with git's.
 */
@NullMarked
package dev.sheaf.localstack.workbench.demo;

import org.jspecify.annotations.NullMarked;
