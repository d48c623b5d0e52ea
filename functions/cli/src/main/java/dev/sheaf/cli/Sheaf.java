package dev.sheaf.cli;

import dev.sheaf.cli.journal.JournalCommand;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.repair.RebuildCommand;
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
        command("push", PushCommand.class),
        command("clone", CloneCommand.class),
        command("fetch", FetchCommand.class),
        command("pull", PullCommand.class),
        command("log", LogCommand.class),
        command("cat", CatCommand.class),
        command("refs", RefsCommand.class),
        command("jobs", JobsCommand.class),
        command("visibility", VisibilityCommand.class),
        command("rename", RenameCommand.class),
        command("delete", DeleteCommand.class),
        command("home", HomeCommand.class),
        command("status", StatusCommand.class),
        command("ops", OpsCommand.class),
        command("bundle", BundleCommand.class),
        command("token", TokenCommand.class),
        command("login", LoginCommand.class),
        command("logout", LogoutCommand.class),
        command("journal", JournalCommand.class),
        command("repair", RepairCommand.class),
        command("rebuild", RebuildCommand.class),
        command("rehearse", RehearseCommand.class),
        command("pages", PagesCommand.class),
        command("remote-helper", RemoteHelperCommand.class));
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
    Sheaf sheaf = new Sheaf();
    return RemoteHelperCommand.isAsGitCallsIt(args)
        ? sheaf.startPlain(environment, () -> RemoteHelperCommand.called(environment, args).call())
        : sheaf.start(environment, args);
  }
}
