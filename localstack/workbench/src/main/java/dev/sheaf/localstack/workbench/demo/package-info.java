/**
 * The main job from end to end on one machine: {@link
 * dev.sheaf.localstack.workbench.demo.DemoCommand} starts a whole site, has the installed git push
 * a repository and clone it back, clones it by sheaf as well, and compares everything; then the
 * same history goes through as a muse bundle, whose files are compared with git's.
 */
@NullMarked
package dev.sheaf.localstack.workbench.demo;

import org.jspecify.annotations.NullMarked;
