import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Makes one jar out of many, the same bytes each time: {@code java OneJar.java JAR LEGAL VERSION
 * TIMESTAMP NATIVE JAR...}. One file is opened faster than sixty, and the class path of an archive
 * of loaded classes stays short.
 *
 * <p>Left out: signatures, which would keep a jar's classes out of such an archive; variants for
 * other JVMs; native libraries of other platforms than NATIVE, e.g. {@code linux/amd64}. What a jar
 * says of its licence goes into the folder LEGAL. Two different classes of one name are refused.
 */
final class OneJar {
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "META-INF/(MANIFEST\\.MF|INDEX\\.LIST|[^/]*\\.(SF|RSA|DSA|EC))"
              + "|META-INF/(versions|maven|native-image|proguard)/.*"
              + "|(.*/)?module-info\\.class|codegen-resources/.*|OSGI-INF/.*|.*\\.html?|.*/");
  private static final Pattern LEGAL =
      Pattern.compile("(META-INF/)?(about\\.html|[^/]*(LICENSE|NOTICE|DEPENDENCIES|COPYING)[^/]*)");
  private static final Pattern NATIVE = Pattern.compile("(aix|darwin|freebsd|linux|win)/.*/.*");

  private static final MethodTransform REWRITTEN =
      MethodTransform.transformingCode((to, part) -> to.with(part));

  private final TreeMap<String, byte[]> files = new TreeMap<>();
  private final TreeMap<String, Set<String>> services = new TreeMap<>();
  private final Path legal;
  private final String natives;

  private OneJar(Path legal, String natives) {
    this.legal = legal;
    this.natives = natives;
  }

  public static void main(String[] args) throws IOException {
    OneJar jar = new OneJar(Path.of(args[1]), args[4]);
    for (String each : Arrays.asList(args).subList(5, args.length)) {
      jar.add(Path.of(each));
    }
    jar.requireNatives();
    jar.modernise();
    jar.write(Path.of(args[0]), args[2], Instant.parse(args[3]));
  }

  private void add(Path jar) throws IOException {
    String name = jar.getFileName().toString().replaceFirst("\\.jar$", "");
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        add(name, entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
  }

  private void add(String jar, String name, byte[] bytes) throws IOException {
    if (LEGAL.matcher(name).matches()) {
      Path file = legal.resolve(jar).resolve(name.replace("META-INF/", ""));
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    } else if (name.matches("META-INF/services/[^/]+")) {
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      services.computeIfAbsent(name, _ -> new LinkedHashSet<>()).addAll(lines);
    } else if (!LEFT_OUT.matcher(name).matches()
        && (name.startsWith(natives + "/") || !NATIVE.matcher(name).matches())) {
      byte[] before = files.putIfAbsent(name, bytes);
      if (before != null && !Arrays.equals(before, bytes) && name.endsWith(".class")) {
        throw new IOException(name + " is in " + jar + " and, different, in a jar before it");
      }
    }
  }

  private void requireNatives() throws IOException {
    if (files.keySet().stream().noneMatch(name -> name.startsWith(natives + "/"))) {
      throw new IOException("no jar has a native library for " + natives);
    }
  }

  /** Classes for Java 5 and older, as picocli's are, are kept in no archive of loaded classes. */
  private void modernise() {
    ClassLoader all =
        new ClassLoader(ClassLoader.getPlatformClassLoader()) {
          @Override
          public InputStream getResourceAsStream(String name) {
            byte[] bytes = files.get(name);
            return bytes == null
                ? super.getResourceAsStream(name)
                : new ByteArrayInputStream(bytes);
          }
        };
    ClassFile format =
        ClassFile.of(
            StackMapsOption.GENERATE_STACK_MAPS,
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(all)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      byte[] bytes = file.getValue();
      if (file.getKey().endsWith(".class") && bytes[7] < ClassFile.JAVA_6_VERSION) {
        file.setValue(
            format.transformClass(
                format.parse(bytes),
                (to, part) -> {
                  switch (part) {
                    case ClassFileVersion _ -> to.withVersion(ClassFile.JAVA_8_VERSION, 0);
                    // Taken apart and put together: what is only copied gets no stack maps.
                    case MethodModel method -> to.transformMethod(method, REWRITTEN);
                    default -> to.with(part);
                  }
                }));
      }
    }
  }

  private void write(Path jar, String version, Instant stamp) throws IOException {
    services.forEach(
        (name, lines) ->
            files.put(
                name, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8)));
    String manifest =
        "Manifest-Version: 1.0\r\nMain-Class: dev.sheaf.cli.wiring.Main\r\n"
            + "Implementation-Title: sheaf\r\nImplementation-Version: "
            + version
            + "\r\n\r\n";
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      put(zip, "META-INF/MANIFEST.MF", manifest.getBytes(StandardCharsets.UTF_8), stamp);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        put(zip, file.getKey(), file.getValue(), stamp);
      }
    }
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes, Instant stamp)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(LocalDateTime.ofInstant(stamp, ZoneOffset.UTC));
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
