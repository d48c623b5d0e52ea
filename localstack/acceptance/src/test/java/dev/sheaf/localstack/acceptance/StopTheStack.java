package dev.sheaf.localstack.acceptance;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Ends the run's stack with the run; found by JUnit through {@code META-INF/services}. */
public final class StopTheStack implements LauncherSessionListener {
  @Override
  public void launcherSessionClosed(LauncherSession session) {
    try {
      Target.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the stack did not stop", e);
    }
  }
}
