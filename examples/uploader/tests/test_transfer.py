from uploader.bucket import FolderBucket


def test_a_folder_takes_a_file(tmp_path):
    (tmp_path / "report.csv").write_text("1,2\n")
    FolderBucket(tmp_path / "bucket").put(str(tmp_path / "report.csv"))
    assert (tmp_path / "bucket" / "report.csv").read_text() == "1,2\n"
