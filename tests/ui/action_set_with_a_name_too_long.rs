use tracker_core::ActionSet;

#[derive(ActionSet)]
enum Billing {
    #[action(rename = "a_bb_ccc_dddd_eeeee_ffffff_ggggggg_hhhhhhhh_iiiiiiiii_jjjjjjjjjj_kkkkkkkkkkk_llllllllllll_mmmmmmmmmmmmm_nnnnnnnnnnnnnn_ooooooooooooooo_pppppppppppppppp_qqqqqqqqqqqqqqqqq_rrrrrrrrrrrrrrrrrr_sssssssssssssssssss_tttttttttttttttttttt_uuuuuuuuuuuuuuuuuuuuu_vvvvvvvvvvvvvvvvvvvvvv")]
    InvoiceSent,
}

fn main() {}
