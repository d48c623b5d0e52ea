/**
 * The main job from end to end in one process: {@link dev.sheaf.cli.demo.DemoCommand} starts a
 * whole site, pushes a git repository, clones it back both ways and compares everything.
 */
@NullMarked
package dev.sheaf.cli.demo;

import org.jspecify.annotations.NullMarked;
