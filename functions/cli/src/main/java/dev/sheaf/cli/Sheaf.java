package dev.sheaf.cli;

import dev.sheaf.cli.journal.JournalCommand;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.repair.RepairCommand;
import dev.sheaf.cli.token.TokenCommand;
import picocli.CommandLine;

/** {@code sheaf}. */
@CommandLine.Command(
    name = "sheaf",
    description = "Push git repositories into Sheaf and get them back.",
    mixinStandardHelpOptions = true,
    versionProvider = Sheaf.Version.class,
    scope = CommandLine.ScopeType.LOCAL)
public final class Sheaf extends Program {
  Sheaf() {
    super(
        PushCommand.class,
        CloneCommand.class,
        FetchCommand.class,
        PullCommand.class,
        LogCommand.class,
        CatCommand.class,
        RefsCommand.class,
        JobsCommand.class,
        VisibilityCommand.class,
        HomeCommand.class,
        StatusCommand.class,
        OpsCommand.class,
        BundleCommand.class,
        TokenCommand.class,
        LoginCommand.class,
        LogoutCommand.class,
        JournalCommand.class,
        RepairCommand.class,
        RehearseCommand.class,
        PagesCommand.class,
        RemoteHelperCommand.class);
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Sheaf.class.getPackage().getImplementationVersion();
      return new String[] {"sheaf " + (version == null ? "(not packaged)" : version)};
    }
  }

  /** Runs one command; gives the exit code. */
  public static int run(Environment environment, String... args) {
    return new Sheaf().start(environment, args);
  }
}
