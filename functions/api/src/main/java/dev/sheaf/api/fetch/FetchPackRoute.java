package dev.sheaf.api.fetch;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.push.PresignRoute;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.read.FetchPack;
import dev.sheaf.repository.Packs;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.git.GitReader;
import dev.sheaf.storage.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jgit.lib.ObjectId;

/**
 * {@code POST /fetch-pack} of a git repository: one thin pack of what a client wants and lacks, for
 * when the packs of {@code /clone-plan} are much more than that.
 */
public final class FetchPackRoute {
  private static final String PACK_TYPE = "application/x-git-packed-objects";

  /** Part of every fingerprint: raise it when packs come to be written differently. */
  private static final String FORM = "git 1";

  private final GitReader reader;
  private final Packs packs;
  private final ObjectStore store;
  private final InstantSource clock;
  private final Path temp;

  /**
   * @param temp where a pack lies while it is written
   */
  public FetchPackRoute(
      GitReader reader, Packs packs, ObjectStore store, InstantSource clock, Path temp) {
    this.reader = reader;
    this.packs = packs;
    this.store = store;
    this.clock = clock;
    this.temp = temp;
  }

  /**
   * Takes {@code {want: [ids], have: [ids]}}. What is wanted must be what a ref points to, or a
   * commit that one reaches; of what the client has, unknown ids count for nothing. Answers the
   * pack itself up to 4 MiB where the client accepts {@code application/x-git-packed-objects}, else
   * {@code {url, size_bytes, sha256}}.
   */
  public Reply answer(RepoCall call) {
    if (call.repo().kind() != Repo.Kind.GIT) {
      throw new SheafException(
          ErrorKind.INVALID, call.repoName() + " is no git repository; POST to /fetch");
    }
    WantHave wantHave = WantHave.of(call.request().document(GatewayLimits.DOCUMENT_BYTES));
    return GitReader.read(() -> answer(call, ids(wantHave.want()), ids(wantHave.have())));
  }

  private static Set<ObjectId> ids(Collection<String> texts) {
    Set<ObjectId> ids = new HashSet<>();
    for (String text : texts) {
      if (!ObjectId.isId(text)) {
        throw new SheafException(
            ErrorKind.INVALID, "'" + text + "' is no id of a git object: 40 hex digits");
      }
      ids.add(ObjectId.fromString(text));
    }
    return ids;
  }

  private Reply answer(RepoCall call, Set<ObjectId> want, Set<ObjectId> have) throws IOException {
    FetchPack fetch = new FetchPack(reader.open(call.repo()), temp);
    Optional<ObjectId> refused = fetch.unreachable(want, reader.tips(call.repo()));
    if (refused.isPresent()) {
      throw HttpFailure.notFound(
          "object_not_found",
          "%s is neither what a ref of %s points to nor a commit that one reaches"
              .formatted(refused.get().name(), call.repoName()));
    }
    Set<ObjectId> known = fetch.known(have);
    ContentId fingerprint = fingerprint(want, known);
    Optional<Packs.Pack> prepared =
        packs
            .find(call.repo().repoId(), fingerprint)
            .filter(pack -> store.head(ObjectKeys.pack(pack.pack())).isPresent());
    call.request().log().put("pack_reused", prepared.isPresent());
    return prepared.isPresent()
        ? reply(prepared.get())
        : prepare(call, fetch.prepare(want, known), fingerprint);
  }

  /** Histories do not change: the same ids on both sides make the same pack. */
  private static ContentId fingerprint(Set<ObjectId> want, Set<ObjectId> have) {
    String text = FORM + "\n" + sorted(want) + "\n" + sorted(have);
    return Ids.object(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String sorted(Set<ObjectId> ids) {
    return ids.stream().map(ObjectId::name).sorted().collect(Collectors.joining(" "));
  }

  private Reply prepare(RepoCall call, FetchPack.Prepared prepared, ContentId fingerprint)
      throws IOException {
    try {
      call.request()
          .log()
          .put("objects", prepared.objects())
          .put("pack_bytes", prepared.file().size());
      if (prepared.file().size() <= GatewayLimits.INLINE_BYTES && acceptsPack(call)) {
        byte[] bytes = Files.readAllBytes(prepared.file().path());
        return Reply.raw(200, Content.of(bytes), PACK_TYPE);
      }
      ObjectStore.PutResult put =
          store.put(
              ObjectKeys.pack(prepared.sha256()),
              prepared.file(),
              prepared.sha256(),
              ObjectStore.Condition.IF_ABSENT,
              PACK_TYPE);
      Packs.Pack pack = new Packs.Pack(prepared.sha256(), prepared.file().size());
      packs.remember(call.repo().repoId(), fingerprint, pack, put, clock.instant());
      return reply(pack);
    } finally {
      Files.deleteIfExists(prepared.file().path());
    }
  }

  private static boolean acceptsPack(RepoCall call) {
    return call.request().header("Accept").filter(accept -> accept.contains(PACK_TYPE)).isPresent();
  }

  private Reply reply(Packs.Pack pack) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(
        "url", store.presignGet(ObjectKeys.pack(pack.pack()), PresignRoute.LIFETIME).toString());
    fields.put("size_bytes", pack.sizeBytes());
    fields.put("sha256", pack.pack().hex());
    return Reply.ok(fields);
  }
}
