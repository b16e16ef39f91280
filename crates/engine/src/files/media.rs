//! What a content is, by its first bytes (WHATWG MIME Sniffing §6, and the formats' own documents). What a browser would run is called plain
//! text or just bytes, whatever its name says.

/// How much of a content is looked at.
pub const LOOKED_AT: usize = 16 << 10;

/// Pictures that browsers show by themselves and that can hold no program.
const SHOWN: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"];
/// Taken as pictures, but given out as files: few browsers show them.
const OTHER_PICTURES: [&str; 3] = ["image/heic", "image/avif", "image/tiff"];

/// Whether a browser may be told to show it.
pub fn is_shown(media_type: &str) -> bool {
    SHOWN.contains(&media_type)
}

/// Whether it may stand in a field for pictures.
pub fn is_picture(media_type: &str) -> bool {
    is_shown(media_type) || OTHER_PICTURES.contains(&media_type)
}

/// Where a mark stands, the mark, and what it means.
const MARKS: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBPVP", "image/webp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    // EBML; of its users WebM is the one that people have.
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (8, b"WAVE", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
];

/// The type of a content. The name only tells kinds of one container apart.
pub fn media_type(head: &[u8], name: &str) -> &'static str {
    let marked =
        |(at, mark, _): &&(usize, &[u8], &str)| head.get(*at..).is_some_and(|rest| rest.starts_with(mark));
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let extension = extension.as_deref().unwrap_or_default();
    if let Some((.., media_type)) = MARKS.iter().find(marked) {
        // What browsers record of a voice is a container of moving pictures without any: only the name tells.
        return match (*media_type, extension) {
            ("video/mp4", "m4a") => "audio/mp4",
            ("video/webm", "weba") => "audio/webm",
            (media_type, _) => media_type,
        };
    }
    // BMP's mark is two letters, so its header must fit as well: reserved bytes and the size of the information header.
    if head.starts_with(b"BM")
        && head.get(6..10) == Some(&[0; 4])
        && matches!(head.get(14..16), Some([40 | 108 | 124, 0]))
    {
        return "image/bmp";
    }
    if head.starts_with(b"PK\x03\x04") {
        return zipped(head, extension);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return match extension {
            "doc" => "application/msword",
            "xls" | "et" => "application/vnd.ms-excel",
            "ppt" => "application/vnd.ms-powerpoint",
            _ => "application/x-ole-storage",
        };
    }
    if is_text(head) { "text/plain" } else { "application/octet-stream" }
}

/// Office documents are archives whose parts stand in folders of these names (ECMA-376 part 2).
fn zipped(head: &[u8], extension: &str) -> &'static str {
    let has = |folder: &[u8]| head.windows(folder.len()).any(|window| window == folder);
    let office = has(b"[Content_Types].xml") || has(b"_rels/.rels");
    match extension {
        _ if has(b"word/") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ if has(b"xl/") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ if has(b"ppt/") => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "docx" if office => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" if office => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" if office => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        _ => "application/zip",
    }
}

/// Text has no control characters but tab, line ends and page ends (WHATWG MIME Sniffing §7.2), in whatever encoding.
fn is_text(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return true;
    }
    let control = |byte: &u8| matches!(byte, 0..=8 | 11 | 14..=26 | 28..=31);
    !head.is_empty() && !head.iter().any(control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide_and_not_the_name() {
        for (head, name, expected) in [
            (b"\x89PNG\r\n\x1a\n\0\0".as_slice(), "a.exe", "image/png"),
            (b"\xff\xd8\xff\xe0\0", "照片.png", "image/jpeg"),
            (b"GIF89a", "a", "image/gif"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "a", "image/webp"),
            (b"\0\0\0\x18ftypheic", "IMG_1.HEIC", "image/heic"),
            (b"\0\0\0\x18ftypisom", "a.jpg", "video/mp4"),
            (b"%PDF-1.7", "合同", "application/pdf"),
            (b"<html><script>alert(1)</script>", "a.html", "text/plain"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", "a.svg", "text/plain"),
            (b"MZ\x90\0\x03", "photo.jpg", "application/octet-stream"),
            (b"BM is how this text begins", "a.txt", "text/plain"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "报价.DOC", "application/msword"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.png", "application/x-ole-storage"),
            (
                b"PK\x03\x04....word/document.xml",
                "x",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (b"PK\x03\x04 a.txt", "x.docx", "application/zip"),
            (b"", "a.txt", "application/octet-stream"),
        ] {
            assert_eq!(media_type(head, name), expected, "{name}");
        }
    }

    #[test]
    fn what_can_hold_a_program_is_never_shown() {
        for media_type in ["image/svg+xml", "text/html", "text/plain", "application/pdf"] {
            assert!(!is_shown(media_type) && !is_picture(media_type));
        }
    }
}
