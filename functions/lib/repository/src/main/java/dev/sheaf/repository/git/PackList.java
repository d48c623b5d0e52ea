package dev.sheaf.repository.git;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.WantedPacks.Wanted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What {@code GET /internal/packs/{repo_id}} answers. */
public final class PackList {
  /** Some 60,000 packs; a longer list is cut, and no JSON then. */
  public static final int MOST_BYTES = 6 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private PackList() {}

  /**
   * Reads {@code {packs: [{pack, size_bytes}]}}.
   *
   * @throws SheafException of kind INVALID for anything else
   */
  public static List<Wanted> parse(byte[] json) {
    List<Wanted> packs = new ArrayList<>();
    try {
      for (JsonNode pack : JSON.readTree(json).path("packs")) {
        packs.add(
            new Wanted(
                ContentId.parse(pack.path("pack").asText()), pack.path("size_bytes").asLong()));
      }
      return packs;
    } catch (IOException e) {
      throw new SheafException(ErrorKind.INVALID, "this is no list of packs", e);
    }
  }
}
